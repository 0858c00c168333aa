import { mount } from 'svelte';
import App from './app/App.svelte';
import './fields';
import './styles/base.css';
import { startTheme } from './styles/theme';

startTheme();
const target = document.getElementById('app');
if (target) mount(App, { target });
