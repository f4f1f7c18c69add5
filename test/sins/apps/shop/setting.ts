export const setting = 'PORT'
